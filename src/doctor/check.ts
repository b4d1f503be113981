import type { Fault, Location } from '../core/tool-error.ts'
import type { Facts, SeenServer, ServerFacts } from './facts.ts'

/** - `error` a run fails, or data is in danger; `warning` a person should know it. Both are findings. */
export type Severity = 'error' | 'warning'

/** What a check has to say against one place. Texts are sentences. */
export interface Complaint {
  readonly what: string
  readonly where: Location
  readonly why: string | null
  /** What to do. */
  readonly fix: string
}

/** One check. It is pure: it judges what was read before. */
export interface Check {
  /** Stable, in lower case with dashes: `doctor.ignore` names it. */
  readonly code: string
  readonly severity: Severity
  /** What it asks, as a question for people. */
  readonly asks: string
  readonly find: (facts: Facts) => readonly Complaint[]
}

/** A server that answered, with where it is. */
export type AnsweringServer = ServerFacts & { readonly seen: SeenServer }

/** Servers that answered. Several users of one server count once, but for what concerns the account. */
export function answering({ servers }: Facts): readonly AnsweringServer[] {
  return servers.flatMap((server) => (server.seen === null ? [] : [{ ...server, seen: server.seen }]))
}

/** One complaint at most for each server that answered. */
export function perServer(
  facts: Facts,
  judge: (server: AnsweringServer) => Omit<Complaint, 'where'> | null,
): readonly Complaint[] {
  return answering(facts).flatMap((server) => {
    const complaint = judge(server)
    return complaint === null ? [] : [{ ...complaint, where: { server: server.label } }]
  })
}

/** A fault of another command as a complaint. */
export function toComplaint(fault: Fault, fix: string, where: Location = {}): Complaint {
  return {
    what: sentence(fault.what),
    where: { ...where, ...fault.where },
    why: fault.why === undefined ? null : sentence(fault.why),
    fix: fault.next ?? fix,
  }
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}
