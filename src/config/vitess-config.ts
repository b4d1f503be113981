/** How a keyspace is changed. */
export interface VitessConfig {
  /** The keyspace with one shard in which the journal and its lease are kept. */
  readonly journal: string
  /** How definitions reach the shards: as migrations of Vitess, online or as plain DDL. */
  readonly ddlStrategy: 'vitess' | 'direct'
  /** Host and port of vtctld. */
  readonly vtctld?: string
  /** The path of the program vtctldclient. */
  readonly vtctldclient?: string
}

/** A keyspace as it is found. What locks it is a lease in the keyspace of the journal. */
export interface Keyspace {
  /** The keyspace with one shard in which the journal and its lease are kept. */
  readonly journal: string
  readonly ddlStrategy: VitessConfig['ddlStrategy']
  readonly shards: number
  /** By its VSchema, which may say so of one shard, too. */
  readonly isSharded: boolean
}
