import type { InBoth } from '../../core/in-both.ts'
import type { Rule } from '../rule.ts'

/** What `--since` finds about migrations and templates that others may have run. */
export type BranchCode =
  | 'MIGRATION_EDITED'
  | 'MIGRATION_DELETED'
  | 'MIGRATION_RENAMED'
  | 'MIGRATION_LATE'
  | 'TEMPLATE_EDITED'
  | 'TEMPLATE_DELETED'

type Facts = Pick<Rule, 'title' | 'why' | 'fix'>

const ran: InBoth = {
  en: 'The file is on the base of this branch, so databases may have run it already. They keep what it made then, and refuse the other file; a new database gets something else.',
  zh: '该文件已在本分支的基线上，可能已有数据库运行过它。这些数据库保留当时的结果，并拒绝不同的文件；新数据库得到的则是另一种结果。',
}

const ofShards: InBoth = {
  en: 'The template is on the base of this branch, so shards may have been made from it. They keep their tables; new shards get another one.',
  zh: '该模板已在本分支的基线上，可能已有分表由它建立。这些分表保留原来的表，新分表得到的则是另一种表。',
}

/** Each is an error, and no line of a file turns it off: the file is what was changed. */
export const branchCodes: Readonly<Record<BranchCode, Facts>> = {
  MIGRATION_EDITED: {
    title: { en: 'A migration of the base was edited', zh: '修改了基线上的迁移' },
    why: ran,
    fix: {
      en: 'Restore the file, and put the change into a new migration. A repeatable migration (`R__name.sql`) may be edited.',
      zh: '请恢复该文件，把变更写入新的迁移。可重复迁移（`R__name.sql`）可以修改。',
    },
  },
  MIGRATION_DELETED: {
    title: { en: 'A migration of the base was deleted', zh: '删除了基线上的迁移' },
    why: ran,
    fix: {
      en: 'Restore the file. Undo it with a new migration, or let `wwdb squash` replace it by a file whose `-- wwdb:squashes` names its version.',
      zh: '请恢复该文件。可用新的迁移撤销它，或用 `wwdb squash` 以一个在 `-- wwdb:squashes` 中列出其版本的文件取代它。',
    },
  },
  MIGRATION_RENAMED: {
    title: { en: 'A migration of the base was renamed', zh: '重命名了基线上的迁移' },
    why: ran,
    fix: { en: 'Give the file its former name.', zh: '请恢复该文件原来的名称。' },
  },
  MIGRATION_LATE: {
    title: { en: 'A new migration sorts before one of the base', zh: '新迁移排在基线上的迁移之前' },
    why: {
      en: 'Databases that ran the later one run this file after it, others before it: they may end with different schemas, and `outOfOrder: fail` refuses the file.',
      zh: '已运行较新迁移的数据库会在其后运行该文件，其他数据库则在其前运行：结果可能不同，而 `outOfOrder: fail` 会拒绝该文件。',
    },
    fix: {
      en: 'Give the file a newer version: `wwdb rebase` does, or rename it.',
      zh: '请给该文件更新的版本：可用 `wwdb rebase`，或重命名。',
    },
  },
  TEMPLATE_EDITED: {
    title: { en: 'The table of a shard template of the base was edited', zh: '修改了基线上分表模板的表' },
    why: ofShards,
    fix: {
      en: 'Add a migration with `-- wwdb:shards FAMILY` that makes the same change on the existing shards.',
      zh: '请添加带有 `-- wwdb:shards FAMILY` 的迁移，对现有分表做相同的变更。',
    },
  },
  TEMPLATE_DELETED: {
    title: { en: 'A shard template of the base was deleted or renamed', zh: '删除或重命名了基线上的分表模板' },
    why: {
      en: 'Shards of its family may exist: without the template they are no longer rotated, checked or published.',
      zh: '该族的分表可能存在：没有模板，它们就不再轮换、检查或发布。',
    },
    fix: { en: 'Restore the template under its name.', zh: '请以原来的名称恢复该模板。' },
  },
}

const manual = 'https://dev.mysql.com/doc/refman/9.7/en/data-definition-statements.html'

/** The codes as other programs describe them. */
export const describedBranchCodes = Object.entries(branchCodes).map(([code, facts]) => ({
  code,
  ...facts,
  manual,
  severity: 'error' as const,
  family: 'hygiene' as const,
}))
