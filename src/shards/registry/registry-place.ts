/** The tables of a registry as statements name them. */
export interface RegistryPlace {
  readonly families: string
  readonly shards: string
  readonly findings: string
  readonly events: string
}

/** In the target's own schema, on a MySQL server. */
export const ownRegistry: RegistryPlace = {
  families: 'wwdb_shard_families',
  shards: 'wwdb_shards',
  findings: 'wwdb_shard_findings',
  events: 'wwdb_shard_events',
}
