import { countOf } from '../../core/plural.ts'
import { countFamilyFindings, type FamilyInspection } from '../../shards/inspection.ts'
import { type Check, type Complaint, quoted } from '../check.ts'
import type { Facts } from '../facts.ts'

function perFamily(
  { databases }: Facts,
  judge: (family: FamilyInspection) => Omit<Complaint, 'where'> | null,
): readonly Complaint[] {
  return databases.flatMap(({ database, server, shards }) =>
    (shards?.families ?? []).flatMap((family) => {
      const complaint = judge(family)
      return complaint === null ? [] : [{ ...complaint, where: { database, server } }]
    }),
  )
}

/** Names of a few tables, and how many more there are. */
function listTables(names: readonly string[]): string {
  const rest = names.length - 3
  return `${names.slice(0, 3).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function listTablesInChinese(names: readonly string[]): string {
  return `${names.slice(0, 3).join('、')}${names.length > 3 ? ` 等 ${names.length} 张表` : ''}`
}

function missingOf(family: FamilyInspection): readonly string[] {
  return [...family.missing, ...family.holes].map(({ table }) => table)
}

/** The first reason that the inspection itself gives. */
function reasonOf({ contradictions, unchecked, unexpected }: FamilyInspection): string | null {
  return (
    [
      ...contradictions.map(({ what, next }) => `${what} ${next}`),
      ...unchecked,
      ...unexpected.map(({ why }) => why),
    ][0] ?? null
  )
}

function quotedOrNull(text: string | null): string | null {
  return text === null ? null : quoted(text)
}

/** Sharded tables. `wwdb shards check` shows more of each finding. */
export const shardChecks: readonly Check[] = [
  {
    code: 'shards-missing',
    severity: 'error',
    asks: { en: 'Is there a table for every shard that is due?', zh: '应有的分表是否都已创建？' },
    find: (facts) =>
      perFamily(facts, (family) => {
        const missing = missingOf(family)
        return missing.length === 0
          ? null
          : {
              what: `${countOf(missing.length, 'shard')} of \`${family.family}\` ${missing.length === 1 ? 'has' : 'have'} no table.`,
              why: `Writes to ${listTables(missing)} fail.`,
              fix: 'Run `wwdb rotate run`.',
              zh: {
                what: `\`${family.family}\` 缺少 ${missing.length} 张分表。`,
                why: `写入 ${listTablesInChinese(missing)} 会失败。`,
                fix: '请执行 `wwdb rotate run`。',
              },
            }
      }),
  },
  {
    code: 'shards-headroom',
    severity: 'error',
    asks: {
      en: 'Do the existing shards last long enough to fix a failed rotation?',
      zh: '现有分表的提前量，是否足够修复一次失败的轮换？',
    },
    find: (facts) =>
      perFamily(facts, ({ family, headroom }) => {
        const delay = facts.config?.rotation.alertDelay ?? 0
        return headroom === null || headroom >= delay
          ? null
          : {
              what: `The shards of \`${family}\` last for ${countOf(Math.max(0, Math.floor(headroom / 3_600_000)), 'hour')} more.`,
              why: 'Rotation has not run, or fails.',
              fix: 'Run `wwdb rotate run`, and find out why the scheduled run did not work.',
              zh: {
                what: `\`${family}\` 的分表还能用 ${Math.max(0, Math.floor(headroom / 3_600_000))} 小时。`,
                why: '轮换没有执行，或执行失败。',
                fix: '请执行 `wwdb rotate run`，并查明定时运行为何没有成功。',
              },
            }
      }),
  },
  {
    code: 'shards-differ',
    severity: 'warning',
    asks: { en: 'Do shards, templates and the registry agree?', zh: '分表、模板和登记表是否一致？' },
    find: (facts) =>
      perFamily(facts, (family) => {
        const others = countFamilyFindings({ ...family, missing: [], holes: [] })
        return others === 0
          ? null
          : {
              what: `${countOf(others, 'finding')} of \`wwdb shards check\` ${others === 1 ? 'concerns' : 'concern'} \`${family.family}\`.`,
              why: reasonOf(family),
              fix: `Run \`wwdb shards check --family ${family.family}\`.`,
              zh: {
                what: `\`wwdb shards check\` 有 ${others} 个问题涉及 \`${family.family}\`。`,
                why: quotedOrNull(reasonOf(family)),
                fix: `请执行 \`wwdb shards check --family ${family.family}\`。`,
              },
            }
      }),
  },
  {
    code: 'rotation-doubt',
    severity: 'warning',
    asks: { en: 'Can rotation work without obstacles?', zh: '是否没有什么妨碍轮换？' },
    find: ({ databases }) =>
      databases.flatMap(({ database, server, shards }) => [
        ...(shards?.doubts ?? []).map((what) => ({
          what,
          where: { database, server },
          why: null,
          fix: 'Look at `wwdb shards check`.',
          zh: { what: '轮换可能受到妨碍。', why: quoted(what), fix: '请查看 `wwdb shards check`。' },
        })),
        ...(shards?.strayHolds ?? []).map((table) => ({
          what: `The table \`${table}\` has the name of a shard on hold, but is not in the registry.`,
          where: { database, server },
          why: null,
          fix: 'Look at `wwdb shards check`.',
          zh: {
            what: `表 \`${table}\` 的名称是待删分表的名称，但登记表中没有它。`,
            why: null,
            fix: '请查看 `wwdb shards check`。',
          },
        })),
      ]),
  },
]
