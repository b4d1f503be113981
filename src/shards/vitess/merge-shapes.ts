import { createHash } from 'node:crypto'
import type { TableShape } from '../ports.ts'

/** The shapes of tables on one shard of a keyspace. */
export interface ShapesOnShard {
  readonly shard: string
  readonly shapes: ReadonlyMap<string, TableShape>
}

/**
 * The shapes of a keyspace's tables: that of all shards where they agree. Where they do not, a shape that no template has, with a line for what each shard has of its own. Pure.
 */
export function mergeShapes(own: readonly ShapesOnShard[]): ReadonlyMap<string, TableShape> {
  const names = new Set(own.flatMap(({ shapes }) => [...shapes.keys()]))
  return new Map([...names].map((name) => [name, mergeOne(name, own)]))
}

function mergeOne(name: string, own: readonly ShapesOnShard[]): TableShape {
  const found = own.map(({ shard, shapes }) => ({ shard, shape: shapes.get(name) ?? null }))
  const [first] = found
  if (first !== undefined && first.shape !== null && found.every(isLike(first.shape))) return first.shape
  const digest = createHash('sha256')
  for (const { shard, shape } of found) digest.update(`${shard} ${shape?.fingerprint ?? 'absent'}\n`)
  return { fingerprint: digest.digest('hex'), lines: mergeLines(found) }
}

const isLike =
  ({ fingerprint }: TableShape) =>
  ({ shape }: { readonly shape: TableShape | null }): boolean =>
    shape?.fingerprint === fingerprint

function mergeLines(
  found: readonly { readonly shard: string; readonly shape: TableShape | null }[],
): TableShape['lines'] {
  const present = found.flatMap(({ shard, shape }) => (shape === null ? [] : [{ shard, lines: shape.lines }]))
  if (present.some(({ lines }) => lines === null)) return null
  const places = new Map<string, string[]>()
  for (const { shard, lines } of present)
    for (const line of lines ?? []) places.set(line, [...(places.get(line) ?? []), shard])
  const absent = found.filter(({ shape }) => shape === null).map(({ shard }) => `does not exist on shard ${shard}`)
  const lines = [...places].map(([line, shards]) =>
    shards.length === found.length ? line : `${line}, on shard ${shards.join(', ')} alone`,
  )
  return [...lines, ...absent].toSorted()
}
