/** The systems other than MySQL whose resources are declared in files. */
export const storeKinds = ['elasticsearch', 'influxdb', 'mongodb', 'redis'] as const

export type StoreKind = (typeof storeKinds)[number]
