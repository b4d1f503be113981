import { describeDuration, describeDurationInChinese } from '../../core/duration.ts'
import type { InBoth } from '../../core/in-both.ts'
import { formatSize } from '../../core/size.ts'
import type { Leftover, LeftoverState } from '../../operate/online/leftovers.ts'
import { answering, type Check, type Complaint, type Said } from '../check.ts'

/** What tools that change tables by a copy have left behind. */
export const onlineChecks: readonly Check[] = [
  {
    code: 'online-leftover',
    severity: 'warning',
    asks: {
      en: 'Are there no triggers or tables left by pt-online-schema-change, gh-ost, spirit or Vitess?',
      zh: '是否没有 pt-online-schema-change、gh-ost、spirit 或 Vitess 残留的触发器和表？',
    },
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) =>
        seen.schemas.flatMap(({ database, leftovers }) =>
          leftovers.map((leftover): Complaint => {
            const [en, zh] = [complain(leftover, facts.now), complainInChinese(leftover, facts.now)]
            return { where: { database, server: label }, ...en, zh }
          }),
        ),
      ),
  },
]

const day = 86_400_000

/** Whole days, or hours on the first of them: more would be noise. */
function roundAge(milliseconds: number): number {
  const unit = milliseconds >= day ? day : 3_600_000
  return Math.floor(milliseconds / unit) * unit
}

function complain(leftover: Leftover, now: number): Said {
  const objects = [
    ...leftover.triggers.map(({ name }) => `the trigger \`${name}\``),
    ...leftover.tables.map(({ name, bytes, createdAt }) => {
      const age = createdAt === null ? 0 : roundAge(now - createdAt)
      return `the table \`${name}\` (${formatSize(bytes)}${age > 0 ? `, ${describeDuration(age)} old` : ''})`
    }),
  ]
  const tools = leftover.tools.join(' or ')
  const of = leftover.table === null ? '' : ` for \`${leftover.table}\``
  return {
    what: `${tools} left ${objects.join(', ')}${of} in \`${leftover.schema}\`.`,
    why: why[leftover.state].en,
    fix: fix(leftover),
  }
}

function complainInChinese(leftover: Leftover, now: number): Said {
  const objects = [
    ...leftover.triggers.map(({ name }) => `触发器 \`${name}\``),
    ...leftover.tables.map(({ name, bytes, createdAt }) => {
      const age = createdAt === null ? 0 : roundAge(now - createdAt)
      return `表 \`${name}\`（${formatSize(bytes)}${age > 0 ? `，已存在 ${describeDurationInChinese(age)}` : ''}）`
    }),
  ]
  const of = leftover.table === null ? '' : `为表 \`${leftover.table}\` `
  return {
    what: `${leftover.tools.join(' 或 ')} 在库 \`${leftover.schema}\` 中${of}留下了${objects.join('、')}。`,
    why: why[leftover.state].zh,
    fix: fixInChinese(leftover),
  }
}

const why: Readonly<Record<LeftoverState, InBoth>> = {
  copying: {
    en: 'The copy was never finished, and the triggers still write each change of the table to it a second time.',
    zh: '复制没有完成，而触发器仍把该表的每次修改再写入副本一遍。',
  },
  triggers: {
    en: 'The triggers write to a copy that does not exist: each INSERT, UPDATE and DELETE of the table fails, or runs triggers for nothing.',
    zh: '触发器写入的副本已不存在：对该表的每次 INSERT、UPDATE 和 DELETE 都会失败，或白白执行触发器。',
  },
  copy: {
    en: 'The copy never took the place of the table, and no trigger writes to it.',
    zh: '副本没有取代原表，也没有触发器写入它。',
  },
  swapped: {
    en: 'By its name, the copy has taken the place of the table, and this is the table as it was before. Nothing else says so: it may hold the only copy of rows.',
    zh: '从名称看，副本已取代原表，而这是变更之前的旧表。除名称外没有其他依据：其中可能有别处没有的行。',
  },
  sentry: {
    en: 'A cut-over of gh-ost was interrupted: this empty table kept the place for the old one.',
    zh: 'gh-ost 的切换被中断：这张空表为旧表占位。',
  },
  back: {
    en: 'A revert of an online change was ended, and its triggers still write each change of the table to the table as it was before as well: once that table is dropped, every write fails. The next run of `wwdb migrate` removes them.',
    zh: '对在线变更的撤回中途结束，其触发器仍把该表的每次修改同时写入变更之前的旧表：旧表一旦删除，每次写入都会失败。下一次 `wwdb migrate` 会删除这些触发器。',
  },
  log: {
    en: 'The tool keeps its own state here, and nothing reads it once the tool has ended.',
    zh: '工具在此保存自己的状态；工具结束之后不再有用。',
  },
}

function fix({ tools, remove, state }: Leftover): string {
  if (remove.length === 0)
    return 'Grant the account TRIGGER on the schema first: without it, triggers that still write to the copy are not seen, and once the copy is dropped every write of the table fails.'
  const order = remove.map((text) => `\`${text}\``).join(', then ')
  const kept = state === 'swapped' ? ', and when nobody needs the rows of before any more' : ''
  return `When no run of ${tools.join(' or ')} is in progress${kept}: ${order}.`
}

function fixInChinese({ tools, remove, state }: Leftover): string {
  if (remove.length === 0)
    return '请先授予该账户此库的 TRIGGER 权限：没有它就看不到仍在写入副本的触发器，而副本删除之后对该表的每次写入都会失败。'
  const order = remove.map((text) => `\`${text}\``).join('，然后 ')
  const kept = state === 'swapped' ? '，且不再需要变更之前的数据' : ''
  return `确认没有 ${tools.join(' 或 ')} 正在运行${kept}之后，请依次执行：${order}。`
}
