/** The systems beside MySQL whose resources are declared in files. */
export const storeKinds = ['elasticsearch', 'influxdb', 'mongodb', 'redis'] as const

export type StoreKind = (typeof storeKinds)[number]
