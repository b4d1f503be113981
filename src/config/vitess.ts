// The section `databases.X.vitess` of the configuration: that a database is a keyspace behind vtgate.
import { resolve } from 'node:path'
import * as z from 'zod/mini'
import { checkedText, described } from './schema-parts.ts'
import { parseServerUrl } from './server-url.ts'
import type { VitessConfig } from './vitess-config.ts'

/** How definitions reach the shards: as migrations of Vitess, online or as plain DDL. */
const strategies = ['vitess', 'direct'] as const

/** `vitess` of a database in the configuration file. */
export const vitess = z.strictObject({
  journal: described(
    'The keyspace without shards that keeps the journal of this database, and its lease.',
    z.string().check(z.minLength(1)),
  ),
  ddlStrategy: described(
    'How definitions run: "vitess" (default) as online migrations, "direct" as plain DDL that Vitess runs on each shard.',
    z.optional(z.enum(strategies)),
  ),
  vtctld: described(
    'Host and port of vtctld, which `shards move` asks with vtctldclient. The flag `--vtctld` wins.',
    z.optional(z.string().check(z.minLength(1))),
  ),
  vtctldclient: described(
    'The program vtctldclient by its path, where it is not on PATH. The flag `--vtctldclient` wins.',
    z.optional(z.string().check(z.minLength(1))),
  ),
  scratchUrl: described(
    'mysql://user:password@host:3306 of a MySQL server for scratch schemas, in which migrations are replayed: vtgate has none.',
    z.optional(
      checkedText((text) => {
        const outcome = parseServerUrl(text)
        return outcome.type === 'fault' ? outcome : null
      }),
    ),
  ),
})

export const vitessKeys: readonly string[] = Object.keys(vitess.shape)

/** Null where the database is on a MySQL server. @param read a key of the section; a path as it is written in the file of the folder */
export function resolveVitess(
  isThere: boolean,
  read: (key: 'journal' | 'ddlStrategy' | 'vtctld' | 'vtctldclient') => {
    readonly text: string | null
    readonly folder: string
  },
): VitessConfig | null {
  if (!isThere) return null
  const [vtctld, client] = [read('vtctld').text, read('vtctldclient')]
  return {
    journal: read('journal').text ?? '',
    ddlStrategy: read('ddlStrategy').text === 'direct' ? 'direct' : 'vitess',
    ...(vtctld === null ? {} : { vtctld }),
    ...(client.text === null ? {} : { vtctldclient: resolve(client.folder, client.text) }),
  }
}
