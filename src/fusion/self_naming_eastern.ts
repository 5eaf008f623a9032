/**
 * Self-naming in Chinese, Japanese, Korean and Russian, where particles and endings stand in place of
 * the words that other languages put around a name.
 * @module
 */
import type { Edit, Place } from "./name_edit.ts";

/** The edit for 我是通义千问, Anthropicによって開発されました, 저는 Claude입니다, Меня зовут …; else null. */
export function easternSelfNaming({ before, after, name }: Place): Edit | null {
  if (ASCII_ONLY.test(before.slice(-8)) && ASCII_ONLY.test(after.slice(0, 8))) return null;
  const put = (replacement: string): Edit => ({
    back: 0,
    forward: 0,
    put: replacement,
    namesItself: name.kind === "model",
  });
  if (MADE_BY_BEHIND.test(after) && SPEAKS_OF_SELF.test(before)) return put(makers(after));
  if (I_AM.test(before)) {
    return name.kind === "model" || ASSISTANT_SOON.test(after) ? put(assistant(before)) : null;
  }
  if (I_AM_RUSSIAN.test(before) && name.kind === "model") return put("ИИ-ассистент");
  return MADE_BY_RUSSIAN.test(before) ? put("разработчиками") : null;
}

const ASCII_ONLY = /^[\x20-\x7e]*$/;
const I_AM =
  /(?:我是|我叫|我的名字(?:是|叫)|作为|私は|わたしは|僕は|저는|나는|제 이름은) ?(?:一个|一款|名为|叫做)?[ "“「『]{0,2}$/;
const ASSISTANT_SOON = /^.{0,12}(?:助手|模型|机器人|AI|アシスタント|モデル|모델)/;
const SPEAKS_OF_SELF = /(?:我|私|저|나|作为|助手|アシスタント|어시스턴트)[^！？\n]{0,40}$/;
const MADE_BY_BEHIND =
  /^ ?(?:公司|团队|集团|旗下|的|自主|独立|社){0,3} ?(?:开发|研发|训练|创造|创建|推出|打造|设计|(?:によって|が|により|에서|이|가|에 의해) ?(?:開発|作成|訓練|トレーニング|学習|개발|만든|만들|훈련|학습))/;
const I_AM_RUSSIAN =
  /(?:^|[.!?\n,] {0,2})[Яя](?: [—–-]|,)? (?:[а-яё-]{1,20} ){0,5}$|[Мм]еня зовут $|[Мм]о[её] имя [—–-]? ?$/;
const MADE_BY_RUSSIAN = /(?:созданн|разработан|обучен)[а-яё]{0,6} (?:компанией |в )?$/;

function assistant(before: string): string {
  if (/[가-힣] ?["“]?$/.test(before)) return "AI 어시스턴트";
  return /は ?["「『]?$/.test(before) ? "AIアシスタント" : "一个AI助手";
}

function makers(after: string): string {
  if (/^.{0,6}[가-힣]/.test(after)) return "개발자";
  return /^.{0,6}[ぁ-ん]/.test(after) ? "開発者" : "开发者";
}
