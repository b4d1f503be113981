import type { HazardRule } from '../rule.ts'

export const dropVschema: HazardRule = {
  code: 'DROP_VSCHEMA',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`ALTER VSCHEMA ... DROP`: vtgate no longer finds rows, or no longer numbers them',
    zh: '`ALTER VSCHEMA ... DROP`：vtgate 不再能找到行，或不再为行编号',
  },
  why: {
    en: 'Rows stay on their shards, and nothing finds them through vtgate without their vindex; with another one they are looked for on the wrong shard. Vitess does not look who uses a sequence.',
    zh: '行仍在各自的 shard 上，但没有 vindex 时，经由 vtgate 就找不到它们；换成别的 vindex 则会到错误的 shard 上查找。Vitess 不检查序列是否仍被使用。',
  },
  fix: {
    en: 'Move the rows into a table with the other vindex (`vtctldclient MoveTables`), and drop the vindex when nothing uses it.',
    zh: '请先把行移到使用另一个 vindex 的表中（`vtctldclient MoveTables`），确认不再使用后再删除 vindex。',
  },
  manual: 'https://vitess.io/docs/reference/features/vschema/',
  fixtures: {
    found: [
      { sql: 'ALTER VSCHEMA ON a DROP VINDEX by_id' },
      { sql: 'ALTER VSCHEMA DROP SEQUENCE ids' },
      { sql: 'ALTER VSCHEMA DROP TABLE ids' },
      { sql: 'ALTER VSCHEMA ON a DROP AUTO_INCREMENT' },
    ],
    clean: [{ sql: 'ALTER VSCHEMA ON a ADD VINDEX by_id (id) USING xxhash' }, { sql: 'ALTER VSCHEMA ADD TABLE a' }],
  },
  find: ({ statement: { verb, objects } }) => {
    const [, kind] = /^ALTER VSCHEMA DROP (.+)$/.exec(verb) ?? []
    if (kind === undefined) return []
    const name = objects[0]?.name ?? ''
    const en =
      kind === 'AUTO_INCREMENT'
        ? `Rows of \`${name}\` get no number from a sequence any more.`
        : kind === 'SEQUENCE'
          ? `vtgate takes no new rows for a table that gets its numbers from \`${name}\`: at once, or once that table is dropped.`
          : kind === 'TABLE'
            ? `The VSchema no longer has \`${name}\`. Where it is a sequence, vtgate takes no new rows for a table that gets its numbers from it.`
            : `vtgate finds rows by \`${name}\` no longer.`
    const zh =
      kind === 'AUTO_INCREMENT'
        ? `\`${name}\` 的行不再从序列取得编号。`
        : kind === 'SEQUENCE'
          ? `从 \`${name}\` 取得编号的表，vtgate 不再接受新行：立即如此，或在该序列的表被删除之后。`
          : kind === 'TABLE'
            ? `VSchema 中不再有 \`${name}\`。如果它是序列，从它取得编号的表，vtgate 不再接受新行。`
            : `vtgate 不再能按 \`${name}\` 找到行。`
    return [{ message: { en, zh } }]
  },
}
