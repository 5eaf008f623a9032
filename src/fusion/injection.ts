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
  if (text.length <= 2 * READ) return hasSign(text);
  return hasSign(text.slice(0, READ)) || hasSign(text.slice(-READ));
}
const READ = 16_000;

/** In three patterns: all in one take twice the time. */
function hasSign(text: string): boolean {
  return SPOKEN.test(text) || MARKED.test(text) || OPENING.test(`\n${text}`);
}

const OBJECT =
  "(?:instructions?|prompts?|directions|context|messages?|rules|guidelines|system|conversation|text|answers?|responses?|outputs?|references?|candidates?|content|input|#)";
const CHOSEN = "(?:answer|response|output|reference|candidate|assistant|model|completion)";

/** What is said to a reader. All begins with a word, under one word border. */
const SPOKEN = new RegExp(
  `\\b(?:${
    [
      // Overriding what it was told.
      `(?:ignore|disregard|forget|override)(?: all| any)?(?: of)?(?: the| your| these| my)? (?:above|previous|prior|preceding|earlier|other|foregoing)[ #*:]{1,4}${OBJECT}`,
      `(?:ignore|disregard|forget) (?:all |everything )(?:${OBJECT} )?(?:above|before)\\b`,
      "ignor(?:ez|iere?|a|e) (?:alle |toutes |todas |tutte )?(?:les |las |le |die )?(?:vorherigen|vorigen|obigen|instructions précédentes|instrucciones anteriores|istruzioni precedenti)",
      // Telling a judge how to judge.
      `(?:choose|prefer|select|rank|rate|pick|vote for|favou?r|score) (?:this|my|the following) ${CHOSEN}\\b`,
      `(?:this|my) ${CHOSEN} (?:is|should be|must be|deserves)(?: clearly| obviously| by far| ranked| rated| scored| given| considered| chosen| preferred)* (?:the )?(?:best|first|highest|winner|top|10/10|correct one|preferred)\\b`,
      `(?:judge|evaluator|grader|synthesi[sz]er|aggregator)s?[,:]? (?:please|you (?:must|should|will|have to)|I am|prefer|choose|select|rate)\\b`,
      `all (?:the )?other (?:${CHOSEN}|reference)s? (?:are|is) (?:wrong|incorrect|unreliable|false|malicious|fake)`,
      `(?:copy|repeat|output|return|reproduce) (?:this|my|the following) ${CHOSEN} (?:verbatim|exactly|word for word|as is)`,
      `Ref-[B-DF-HJ-NP-TV-XZ2-9]{3}\\b`,
    ].join("|")
  })`,
  "i",
);

/** What only a harness, a system or a tool writes. */
const MARKED = new RegExp(
  [
    "忽略(?:以上|上述|之前|前面)",
    `model_(?:identifier|id|name)["']?\\s{0,3}:`,
    `<\\/?(?:ref-\\w{1,16}|references?|system|instructions|tool_call|tool_response|function_calls?|invoke)[ >]`,
    `\\[(?:the )?(?:start|end) of (?:the )?(?:assistant|answer|response|reference)`,
    `"(?:strongest_objection|unique_insights|blind_spots|reliability)"\\s{0,3}:`,
    `<[|｜](?:im_start|im_end|endoftext|eot_id|start_header_id|system|assistant|user|User|Assistant)`,
    `\\[/?INST\\]|<<SYS>>|<(?:start|end)_of_turn>`,
  ].join("|"),
  "i",
);

/** The same, where a line begins with it. */
const OPENING =
  /\n(?:#{1,4} ?(?:model outputs?|system (?:prompt|message)|instructions? for the (?:judge|model)|evaluation)\b|\s{0,3}[[<]?(?:system|developer)[\]>:][ \n])/i;
