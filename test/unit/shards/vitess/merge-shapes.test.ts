import { describe, expect, it } from 'vitest'
import type { TableShape } from '../../../../src/shards/ports.ts'
import { mergeShapes } from '../../../../src/shards/vitess/merge-shapes.ts'

const shape = (fingerprint: string, lines: TableShape['lines'] = null): TableShape => ({ fingerprint, lines })
const on = (shard: string, tables: Readonly<Record<string, TableShape>>) => ({
  shard,
  shapes: new Map(Object.entries(tables)),
})

describe('a table of several shards', () => {
  it('has the shape of all shards where they agree', () => {
    const merged = mergeShapes([on('-80', { a: shape('x', ['column a']) }), on('80-', { a: shape('x', ['column a']) })])
    expect([...merged]).toEqual([['a', shape('x', ['column a'])]])
  })

  it('has a shape of no template where they differ, and says what each has of its own', () => {
    const merged = mergeShapes([
      on('-80', { a: shape('x', ['column a', 'column b']) }),
      on('80-', { a: shape('y', ['column a']) }),
    ])
    expect(merged.get('a')?.lines).toEqual(['column a', 'column b, on shard -80 alone'])
    expect(['x', 'y']).not.toContain(merged.get('a')?.fingerprint)
  })

  it('does not take a table that one shard lacks for a whole one', () => {
    const merged = mergeShapes([on('-80', { a: shape('x', ['column a']) }), on('80-', {})])
    expect(merged.get('a')?.fingerprint).not.toBe('x')
    expect(merged.get('a')?.lines).toContain('does not exist on shard 80-')
  })

  it('gives one difference one fingerprint, which depends on the shard that has it', () => {
    const differing = () => mergeShapes([on('-80', { a: shape('x') }), on('80-', { a: shape('y') })]).get('a')
    expect(differing()).toEqual(differing())
    const turned = mergeShapes([on('-80', { a: shape('y') }), on('80-', { a: shape('x') })]).get('a')
    expect(turned?.fingerprint).not.toBe(differing()?.fingerprint)
  })
})
