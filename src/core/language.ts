/** The languages of what wwdb finds and explains. */
export const languages = ['en', 'zh'] as const

/** English or Chinese. */
export type Language = (typeof languages)[number]
