import type { Language } from './language.ts'

/** A text in both languages. */
export type InBoth = Readonly<Record<Language, string>>

/** Joins texts in both languages, with the separator of each language. */
export function joinBoth(texts: readonly InBoth[], between: InBoth): InBoth {
  return {
    en: texts.map(({ en }) => en).join(between.en),
    zh: texts.map(({ zh }) => zh).join(between.zh),
  }
}

/** A text of another program or of the server, which is not translated. */
export function asSaid(text: string): InBoth {
  return { en: text, zh: text }
}
