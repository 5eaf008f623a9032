/**
 * Injection: whether an answer speaks to its reader (a judge, a chat template, an evaluation harness)
 * instead of the user, and the markup that could let it. A sign weighs and is counted; nothing is
 * dropped for it, and what most of a panel writes is the subject, not an attack.
 * @module
 */

/**
 * For each text, whether it carries a sign that fewer than half of the panel carry. Linear; reads the
 * first and the last 16,000 characters.
 */
export function markInjections(texts: readonly string[]): boolean[] {
  const marked = texts.map(carriesSign);
  const count = marked.filter(Boolean).length;
  return count * 2 > texts.length && texts.length > 1 ? texts.map(() => false) : marked;
}

/**
 * The text with chat templates' control tokens taken apart ("<|im_start|>" to "< |im_start|>"): some
 * servers tokenize them inside user content as if the template had written them. The very same text
 * where there are none.
 */
export function withoutControlTokens(text: string): string {
  if (!MIGHT_CONTROL.test(text)) return text;
  return text.replace(CONTROL, (token) => `${token[0]} ${token.slice(1)}`);
}

const MIGHT_CONTROL = /<[|｜/s]|\[\/?INST|<<SYS|_of_turn>/;
/** ChatML, Llama 2 and 3, Mistral, Gemma, DeepSeek, Phi, Command; closing sentence marks. */
const CONTROL = /<(?:[|｜][\w▁ ]{1,40}[|｜]|\/?s|(?:start|end)_of_turn|<\/?SYS>)>|\[\/?INST\]/g;

function carriesSign(text: string): boolean {
  if (text.length <= 2 * READ) return SIGNS.test(text);
  return SIGNS.test(text.slice(0, READ)) || SIGNS.test(text.slice(-READ));
}
const READ = 16_000;

const OBJECT =
  "(?:instructions?|prompts?|directions|context|messages?|rules|guidelines|system|conversation|text|answers?|responses?|outputs?|references?|candidates?|content|input|#)";
const CHOSEN = "(?:answer|response|output|reference|candidate|assistant|model|completion)";

const SIGNS = new RegExp(
  [
    // Overriding what the reader was told.
    `\\b(?:ignore|disregard|forget|override)(?: all| any)?(?: of)?(?: the| your| these| my)? (?:above|previous|prior|preceding|earlier|other|foregoing)[ #*:]{1,4}${OBJECT}`,
    `\\b(?:ignore|disregard|forget) (?:all |everything )(?:${OBJECT} )?(?:above|before)\\b`,
    "忽略(?:以上|上述|之前|前面)",
    "\\bignor(?:ez|iere?|a|e) (?:alle |toutes |todas |tutte )?(?:les |las |le |die )?(?:vorherigen|vorigen|obigen|instructions précédentes|instrucciones anteriores|istruzioni precedenti)",
    // Telling a judge how to judge.
    `\\b(?:choose|prefer|select|rank|rate|pick|vote for|favou?r|score) (?:this|my|the following) ${CHOSEN}\\b`,
    `\\b(?:this|my) ${CHOSEN} (?:is|should be|must be|deserves)(?: clearly| obviously| by far| ranked| rated| scored| given| considered| chosen| preferred)* (?:the )?(?:best|first|highest|winner|top|10/10|correct one|preferred)\\b`,
    `\\b(?:judge|evaluator|grader|synthesi[sz]er|aggregator)s?[,:]? (?:please|you (?:must|should|will|have to)|I am|prefer|choose|select|rate)\\b`,
    `\\ball (?:the )?other (?:${CHOSEN}|reference)s? (?:are|is) (?:wrong|incorrect|unreliable|false|malicious|fake)`,
    `\\b(?:copy|repeat|output|return|reproduce) (?:this|my|the following) ${CHOSEN} (?:verbatim|exactly|word for word|as is)`,
    // Forging what only a harness, a system or a tool writes.
    `["']?model_(?:identifier|id|name)["']?\\s{0,3}:`,
    `^#{1,4} ?(?:model outputs?|system (?:prompt|message)|instructions? for the (?:judge|model)|evaluation)\\b`,
    `^\\s{0,3}(?:\\[|<)?(?:system|developer)(?:\\]|>|:)[ \\n]`,
    `<\\/?(?:ref-\\w{1,16}|references?|system|instructions|tool_call|tool_response|function_calls?|invoke)[ >]`,
    `\\[(?:the )?(?:start|end) of (?:the )?(?:assistant|answer|response|reference)`,
    `"(?:strongest_objection|unique_insights|blind_spots|reliability)"\\s{0,3}:`,
    `<[|｜](?:im_start|im_end|endoftext|eot_id|start_header_id|system|assistant|user|User|Assistant)`,
    `\\[/?INST\\]|<<SYS>>|<(?:start|end)_of_turn>`,
    `\\bRef-[B-DF-HJ-NP-TV-XZ2-9]{3}\\b`,
  ].join("|"),
  "im",
);
