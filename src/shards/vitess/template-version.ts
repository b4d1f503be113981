import type { ShardFamily } from '../../core/shard-family.ts'
import { checksumOf } from '../../files/checksum.ts'

/** What tells the versions of a template in a keyspace apart: its statement, and the vindex and the sequence that its shards are made with. */
export function checksumOfVersion(
  text: string,
  { vindex, sequence }: Pick<ShardFamily, 'vindex' | 'sequence'>,
): string {
  const isPlain = vindex === undefined && sequence === undefined
  return checksumOf(isPlain ? text : `${text}\n${JSON.stringify([vindex ?? null, sequence ?? null])}`)
}

/** A family as the registry of a keyspace knows it. On MySQL, these headers change no table. */
export function asInKeyspace(family: ShardFamily): ShardFamily {
  const { template } = family
  return { ...family, template: { ...template, checksum: checksumOfVersion(template.text, family) } }
}
