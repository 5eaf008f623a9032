/**
 * Model names: what models and their makers call themselves, and where a text says such a name.
 *
 * A list of the field, not of one panel; a panel's own names come on top from the configuration.
 * Many names are also words or people (Claude, Gemini, Falcon), so each is matched in its own
 * spelling and the caller decides by what stands around it.
 * @module
 */

export interface NameMatch {
  /** Start of the name and end of it with its version ("GPT-4 Turbo"). */
  readonly start: number;
  readonly end: number;
  readonly kind: "model" | "maker";
  /** Also a common word or a person's name. */
  readonly common: boolean;
  /** The name itself says that it is an AI: "Anthropic AI". */
  readonly saysAi: boolean;
}

/** Finds names in a text: the field's and the configured ones. Linear in the text's length. */
export interface NameFinder {
  find(text: string): NameMatch[];
}

/** A finder for the field's names and for the words of `configured` model ids. */
export function nameFinder(configured: readonly string[]): NameFinder {
  const own = configured.flatMap(wordsOfModelId);
  const models = own.length > 0 ? `${MODELS}|${own.map(RegExp.escape).join("|")}` : MODELS;
  const pattern = new RegExp(
    `\\b(?:((?:${MAKERS})(?:${MAKER_TAIL})?)|((?:${models})(?:${VERSION}){0,5}))(?![\\w-]*\\w)|(${MAKERS_UNSPACED})|(${MODELS_UNSPACED})`,
    "g",
  );
  return {
    find: (text) => {
      const found: NameMatch[] = [];
      for (const match of text.matchAll(pattern)) {
        const isMaker = match[1] !== undefined || match[3] !== undefined;
        const kind = isMaker && !NAMESAKE.test(match[0]) ? "maker" : "model";
        const end = match.index + match[0].length;
        const last = found.at(-1);
        if (last?.kind === "maker" && POSSESSION.test(text.slice(last.end, match.index))) {
          found[found.length - 1] = {
            start: last.start,
            end,
            kind: "model",
            common: false,
            saysAi: false,
          };
        } else {
          found.push({
            start: match.index,
            end,
            kind,
            common: COMMON.test(match[0]),
            saysAi: match[0].endsWith(" AI"),
          });
        }
      }
      return found;
    },
  };
}

/** Makers whose models bear their name. */
const NAMESAKE = /^(?:DeepSeek|Deepseek|MiniMax|Reka|Baichuan|Perplexity|Mistral)$/;
/** "Google Gemini" and "Anthropic's Claude" are one name. */
const POSSESSION = /^(?:['’]s)? $/;

const MAKERS =
  `OpenAI|Open AI|openai|Anthropic|anthropic|Google(?: DeepMind)?|DeepMind|Alphabet|Meta
  |Facebook|Mistral(?:AI| AI)|Alibaba(?: Cloud| Group)?|Tongyi(?: Lab)?|DeepSeek|Deepseek|Cohere|xAI|X\\.AI|Microsoft
  |01\\.AI|Zhipu(?:AI| AI)?|Z\\.ai|Moonshot(?: AI)?|MiniMax|Baidu|Tencent|ByteDance|iFlytek|SenseTime|StepFun
  |IBM|AI21(?: Labs)?|Databricks|Mosaic(?:ML|AI)|NVIDIA|Nvidia|TII|Technology Innovation Institute
  |LMSYS(?: Org)?|Large Model Systems Organization(?: \\(LMSYS\\))?|Hugging ?Face|Stability AI|EleutherAI|Nous Research|NousResearch|Together(?: AI|\\.ai)
  |Allen Institute for AI|Allen AI|AllenAI|Ai2|AI2|Upstage|Amazon(?: Web Services)?|AWS|Apple|Reka(?: AI)?|Shanghai AI Lab(?:oratory)?
  |Baichuan(?: Inc)?|Inflection(?: AI)?|Perplexity(?: AI)?|Aleph Alpha|Salesforce|Snowflake|LG(?: AI Research)?|Naver
  |Yandex|Sber|Sakana AI|Liquid AI|Arcee(?: AI)?|Character\\.AI|Adept|Writer|Groq|Fireworks AI|OpenRouter`
    .replace(/\s*\n\s*/g, "");
const MAKER_TAIL = " (?:AI|Research|Inc\\.?|LLC|Corporation)";

const MODELS =
  `ChatGPT|chatgpt|ChatGpt|Chat GPT|InstructGPT|GPT(?=[-\\d ]|\\b)|gpt(?=-)|[oO][134](?=-(?:mini|preview|pro))|Codex
  |Claude|claude(?=-)|Gemini|gemini(?=-)|Bard|PaLM|LaMDA|Gemma|gemma|Llama|LLaMA|llama|LLAMA|Mixtral|mixtral|Mistral|mistral|Codestral|Magistral|Ministral|Pixtral
  |Qwen|QWEN|QianWen|Qianwen|qwen|QwQ|Tongyi Qianwen|DeepSeek|Deepseek|deepseek|Command[ -][RA](?:\\+|\\b)|Grok|grok|Phi(?=-|\\b)|Orca|Copilot|Bing Chat|Le Chat|Cortana|Sydney
  |Yi(?=-)|GLM|ChatGLM|Kimi|MiniMax|abab|Doubao|ERNIE(?: Bot)?|Ernie(?: Bot)?|Hunyuan|Granite|Jamba|Jurassic|DBRX|Nemotron
  |Falcon|Vicuna|vicuna|Alpaca|WizardLM|WizardCoder|Koala|Dolly|OpenAssistant|Open Assistant|Guanaco|Tulu|Tülu|OLMo|Olmo|Zephyr|StarChat|StarCoder|StableLM|StableVicuna
  |SOLAR|Solar(?=-)|Nova|Titan|Reka|InternLM|Baichuan|Pi|Sonar|Perplexity|OpenHermes|Hermes|FuseChat|OpenChat|OpenBuddy|openbuddy|Starling|Airoboros|Bloomz?|BLOOMZ?|MPT|RWKV|EXAONE
  |Luminous|YandexGPT|YaGPT|GigaChat|Sonnet|Opus|Haiku|Siri|Alexa|Poe|HuggingChat|Aya|Arctic|Replika|LFM|SmolLM|TinyLlama|Nous`
    .replace(/\s*\n\s*/g, "");
/** "-4o", " 3.5", " Turbo", "-7b", " Instruct". */
const VERSION =
  "[ -]?[A-Za-z]{0,2}\\d[\\w.]{0,10}(?<!\\.)|[ -](?:AI|Chat|chat|Instruct|instruct|Turbo|turbo|Pro|pro|Ultra|ultra|Mini|mini|Nano|Flash|flash|Lite|Opus|opus|Sonnet|sonnet|Haiku|haiku|Large|large|Medium|Small|Plus|Max|Base|it|hf|Coder|Code|Math|Omni|Thinking|Advanced|R\\+?|A|VL|[A-Z]?\\d+(?:\\.\\d+)?[bB])\\b";

/** Scripts without spaces or with another alphabet; no word border can be asked for. */
const MAKERS_UNSPACED =
  "阿里巴巴(?:集团|云)?|阿里云|百度|腾讯|谷歌|微软|字节跳动|智谱(?:AI)?|月之暗面|深度求索|科大讯飞|商汤|零一万物|百川智能|メタ社|グーグル|오픈AI|구글|네이버|Яндекс|Сбер(?:банк)?";
const MODELS_UNSPACED =
  "通义千问|通义|千问|文心一言|文心|混元|豆包|智谱清言|清言|讯飞星火|星火|盘古|克劳德|クロード|ジェミニ|클로드|제미나이|하이퍼클로바|ГигаЧат|Алиса";

/** Names that are also words, people, or large companies: what stands around them has to say more. */
const COMMON =
  /^(?:Claude|Gemini|Bard|Phi|Pi|Orca|Yi|Granite|Falcon|Alpaca|Koala|Dolly|Guanaco|Zephyr|Solar|SOLAR|Nova|Titan|Hermes|Starling|Sonar|Sonnet|Opus|Haiku|Siri|Alexa|Poe|Aya|Arctic|Bloom|Sydney|Meta|Apple|Amazon|Writer|Adept|Alphabet|Perplexity|Llama|llama|Luminous|Nous|Codex|Command|Copilot|Mistral|mistral|Cohere|Inflection|Snowflake|Jurassic|Cortana|gemma|Gemma|grok|Reka|Kimi|Google|Alphabet|Facebook|Microsoft|IBM|AWS|Amazon Web Services|Baidu|Tencent|ByteDance|Alibaba(?: Group)?|NVIDIA|Nvidia|Salesforce|LG|Naver|Yandex)$/;

/** Words of an id that tell a model: "acme::OpenBuddy-70b-chat" gives OpenBuddy, openbuddy, Buddy. */
function wordsOfModelId(id: string): string[] {
  return id.split(/[^\p{L}]+/u)
    .filter((word) => word.length >= 4 && !GENERIC.has(word.toLowerCase()))
    .flatMap((word) => {
      const short = word.replace(/^open(?=[a-z]{4})/i, "");
      return [word, word.toLowerCase(), capitalized(word), capitalized(short)];
    });
}

const capitalized = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

const GENERIC = new Set(
  `chat instruct turbo mini nano large small medium base preview latest vision coder code math omni
  thinking reasoning flash lite plus ultra instant model models assistant test local default free
  beta alpha audio text embed fast long high turbo judge strong weak best main member server backend
  primary secondary cloud open ollama vllm openrouter azure bedrock hosted free exacto distill awq gptq gguf int4 fp16`
    .split(/\s+/),
);
