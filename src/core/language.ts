/** The languages of findings and explanations. */
export const languages = ['en', 'zh'] as const

/** English or Chinese. */
export type Language = (typeof languages)[number]
