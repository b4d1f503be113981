import type { InBoth } from '../core/in-both.ts'
import type { Language } from '../core/language.ts'
import type { StoreKind } from '../core/store.ts'
import type { Location } from '../core/tool-error.ts'
import type { DoctorCheck, DoctorFinding, IgnoredFinding, Reached } from './answer.ts'
import type { Check, Complaint, Severity } from './check.ts'
import type { Facts } from './facts.ts'

/** What is wrong, what should be instead, and how much was checked. */
interface Judgment {
  /** Errors first. */
  readonly findings: readonly DoctorFinding[]
  readonly ignored: readonly IgnoredFinding[]
  /** Sentences. */
  readonly unchecked: readonly string[]
  readonly checks: readonly DoctorCheck[]
  readonly servers: Reached
  readonly stores: Reached
  readonly notConfigured: readonly StoreKind[]
  readonly language: Language
}

/** All that the checks find in the facts, in one language. Pure. */
export function judgeFacts(checks: readonly Check[], facts: Facts, language: Language = 'en'): Judgment {
  const judged = checks.map((check) => ({ check, complaints: withoutRepeats(check.find(facts)) }))
  const found = judged.flatMap(({ check: { code, severity }, complaints }) =>
    joinPlaces(complaints).map(
      ({ places, complaint }): DoctorFinding => ({ code, severity, ...sayIn(language, complaint), alsoAt: places }),
    ),
  )
  const reasons = new Map(facts.config?.doctor.ignore.map(({ code, reason }) => [code, reason]))
  return {
    findings: found.filter(({ code }) => !reasons.has(code)).toSorted((one, other) => rank(one) - rank(other)),
    ignored: found.flatMap((finding) => {
      const reason = reasons.get(finding.code)
      return reason === undefined ? [] : [{ ...finding, reason }]
    }),
    unchecked: listUnchecked(facts, language),
    checks: judged.map(({ check: { code, severity, asks }, complaints }) => ({
      code,
      severity,
      asks: asks[language],
      findings: complaints.length,
    })),
    servers: {
      answered: facts.servers.filter(({ seen, keyspaces }) => seen !== null || keyspaces !== undefined).length,
      all: facts.servers.length,
    },
    stores: { answered: facts.stores.filter(({ fault }) => fault === null).length, all: facts.stores.length },
    notConfigured: facts.storesWithoutUrl,
    language,
  }
}

function sayIn(language: Language, complaint: Complaint): Pick<DoctorFinding, 'what' | 'where' | 'why' | 'fix'> {
  const { what, why, fix } = language === 'zh' ? complaint.zh : complaint
  return { what, where: complaint.where, why, fix }
}

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1 }

function rank({ severity }: DoctorFinding): number {
  return ranks[severity]
}

/** Identical findings in several places are one finding: `places` lists the further places. */
function joinPlaces(
  complaints: readonly Complaint[],
): readonly { readonly complaint: Complaint; readonly places: readonly Location[] }[] {
  const groups = new Map<string, Complaint[]>()
  for (const complaint of complaints) {
    const words = JSON.stringify({ ...complaint, where: null })
    groups.set(words, [...(groups.get(words) ?? []), complaint])
  }
  return [...groups.values()].flatMap(([complaint, ...others]) =>
    complaint === undefined ? [] : [{ complaint, places: others.map(({ where }) => where) }],
  )
}

/** Two users of one server see the same settings. */
function withoutRepeats(complaints: readonly Complaint[]): readonly Complaint[] {
  return [...new Map(complaints.map((complaint) => [JSON.stringify(complaint), complaint])).values()]
}

function listUnchecked({ servers }: Facts, language: Language): readonly string[] {
  const sentences = servers.flatMap(({ label, seen, keyspaces }) => [
    ...(seen?.unread ?? []).map(({ what, why }) =>
      language === 'zh'
        ? `未能检查 ${label} 的${what.zh}：${why}`
        : `${what.en} of ${label} could not be checked: ${why}`,
    ),
    ...(keyspaces === undefined ? [] : [behindVtgate(label)[language]]),
  ])
  return [...new Set(sentences)]
}

/** vtgate answers such questions from one tablet, or not at all. */
const behindVtgate = (label: string): InBoth => ({
  en: `${label} is a vtgate: settings, accounts, replication, clocks, transactions and disks of the servers behind it were not checked, as it answers from one of them. The journal, the lease and the files of its keyspaces were.`,
  zh: `${label} 是 vtgate：它只从其中一台服务器作答，因此没有检查其后各服务器的设置、账号、复制、时钟、事务和磁盘。已检查其 keyspace 的日志表、租约和文件。`,
})
