/**
 * Self-naming's words: how a text refers to itself, and what it calls itself, as pieces of patterns.
 * Every piece is free of nested repetition over the same characters, so that what is built of them is
 * linear in the bounded window that it reads.
 * @module
 */

/** What an assistant calls itself, and the small words between; in several languages. */
export const KIND_WORDS = wordList(`
  a an the your one of is was that which who just only actually indeed also not simply still now in
  fact and or but both so here to help you version instance member part variant kind type form called
  named known as by name currently specifically originally weights weight
  AI artificial intelligence large language model models LLM chat chatbot bot assistant virtual digital
  conversational friendly helpful text based open source advanced multimodal generative pre trained
  transformer neural network system program computer software agent tool powerful sophisticated state
  art machine learning humble new latest family series team companion
  ein eine einer einem das der die von KI künstliche künstlichen Intelligenz Sprachmodell Sprachmodells
  großes virtueller Assistent Chatbot namens Modell
  un une le la les de du par modèle langage langue grand artificielle IA virtuel nommé appelé
  una el lo modelo lenguaje gran inteligencia asistente llamado grande linguagem assistente
  chamado um uma o do da modello linguistico linguaggio di intelligenza artificiale virtuale chiamato
  een het taalmodel groot van`);
export const GAP = `[ \\t,"'“”‘’*_(–—:/-]{1,4}`;
export const BETWEEN = `(?:${GAP}(?:${KIND_WORDS}))*`;

export const BE =
  `\\b(?:I(?:['’]m| am| was| be|['’]ve been| have been| go by| run| come)|[Mm]yself|[Ii]t['’]s me|[Ii]ch bin|bin ich|[Ii]ch wurde|[Jj]e suis|[Jj]['’]ai été|[Ss]oy|[Ff]ui|[Ss]ono|(?:Eu )?[Ss]ou|[Ff]ui|[Ii]k ben)`;
export const AS = `\\b(?:[Aa]s|[Bb]eing|[Aa]ls|[Ee]n tant qu(?:e|['’])|[Cc]omo|[Cc]ome|In quanto)`;
export const CALLED =
  `\\b(?:[Mm]y name(?:['’]s| is)|[Cc]all me|I(?:['’]m| am) (?:called|named)|[Yy]ou(?:['’]re| are) (?:talking|speaking|chatting) (?:to|with)|[Mm]ein Name ist|[Ii]ch heiße|[Jj]e m['’]appelle|[Mm]on nom est|[Mm]e llamo|[Mm]i nombre es|[Mm]i chiamo|[Ii]l mio nome è|[Mm]e chamo|[Mm]eu nome é|[Mm]ijn naam is|[Ii]k heet)`;

export const AI_NOUN =
  /\b(?:AI|A\.I\.|IA|KI|LLM|language model|chatbot|bot|assistant|model|agent|Sprachmodell|Assistent|modèle|modelo|asistente|assistente|modello|taalmodel)\b/i;
export const SENTENCE_START = /(?:^|[.!?\n]\s{0,4})$/;

/** Words, separated by white space, as alternatives of a pattern. */
export function wordList(words: string): string {
  return words.trim().split(/\s+/).join("|");
}
