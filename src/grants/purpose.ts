/** The purposes of accounts. */
export const purposes = ['migrate', 'rotate', 'split', 'check', 'seed', 'provision', 'read', 'write'] as const

export type Purpose = (typeof purposes)[number]

/** Those that an account has for good. A split is one event, and its account may create triggers: it is made when it is asked for. */
export const lastingPurposes: readonly Purpose[] = purposes.filter((purpose) => purpose !== 'split')
