import { countOf } from '../../core/plural.ts'
import { countFamilyFindings, type FamilyInspection } from '../../shards/inspection.ts'
import type { Check, Complaint } from '../check.ts'
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

function missingOf(family: FamilyInspection): readonly string[] {
  return [...family.missing, ...family.holes].map(({ table }) => table)
}

/** Sharded tables. `wwdb shards check` shows more of each finding. */
export const shardChecks: readonly Check[] = [
  {
    code: 'shards-missing',
    severity: 'error',
    asks: 'Is there a table for every shard that is due?',
    find: (facts) =>
      perFamily(facts, (family) => {
        const missing = missingOf(family)
        return missing.length === 0
          ? null
          : {
              what: `${countOf(missing.length, 'shard')} of \`${family.family}\` ${missing.length === 1 ? 'has' : 'have'} no table.`,
              why: `Writes to ${listTables(missing)} fail.`,
              fix: 'Run `wwdb rotate run`.',
            }
      }),
  },
  {
    code: 'shards-headroom',
    severity: 'error',
    asks: 'Do the shards that are there last longer than a failed rotation takes to fix?',
    find: (facts) =>
      perFamily(facts, ({ family, headroom }) => {
        const delay = facts.config?.rotation.alertDelay ?? 0
        return headroom === null || headroom >= delay
          ? null
          : {
              what: `The shards of \`${family}\` last for ${countOf(Math.max(0, Math.floor(headroom / 3_600_000)), 'hour')} more.`,
              why: 'Rotation has not run, or fails.',
              fix: 'Run `wwdb rotate run`, and see why its schedule did not.',
            }
      }),
  },
  {
    code: 'shards-differ',
    severity: 'warning',
    asks: 'Are shards, templates and registry alike?',
    find: (facts) =>
      perFamily(facts, (family) => {
        const others = countFamilyFindings({ ...family, missing: [], holes: [] })
        return others === 0
          ? null
          : {
              what: `${countOf(others, 'finding')} of \`wwdb shards check\` ${others === 1 ? 'concerns' : 'concern'} \`${family.family}\`.`,
              why: [...family.unchecked, ...family.unexpected.map(({ why }) => why)][0] ?? null,
              fix: `Run \`wwdb shards check --family ${family.family}\`.`,
            }
      }),
  },
  {
    code: 'rotation-doubt',
    severity: 'warning',
    asks: 'Does nothing keep rotation from its work?',
    find: ({ databases }) =>
      databases.flatMap(({ database, server, shards }) => [
        ...(shards?.doubts ?? []).map((what) => ({
          what,
          where: { database, server },
          why: null,
          fix: 'Look at `wwdb shards check`.',
        })),
        ...(shards?.strayHolds ?? []).map((table) => ({
          what: `The table \`${table}\` has the name of a held shard, and the registry does not have it.`,
          where: { database, server },
          why: null,
          fix: 'Look at `wwdb shards check`.',
        })),
      ]),
  },
]
