import type { Language } from './language.ts'

/** One text in both languages, side by side. */
export type InBoth = Readonly<Record<Language, string>>

/** Texts in both languages as one, with what stands between them in each. */
export function joinBoth(texts: readonly InBoth[], between: InBoth): InBoth {
  return {
    en: texts.map(({ en }) => en).join(between.en),
    zh: texts.map(({ zh }) => zh).join(between.zh),
  }
}

/** What another program or the server says stays as it says it. */
export function asSaid(text: string): InBoth {
  return { en: text, zh: text }
}
