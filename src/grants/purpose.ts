/** The purposes of accounts. */
export const purposes = ['migrate', 'rotate', 'check', 'seed', 'provision', 'read', 'write'] as const

export type Purpose = (typeof purposes)[number]
