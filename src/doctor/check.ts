import type { InBoth } from '../core/in-both.ts'
import type { Fault, Location } from '../core/tool-error.ts'
import type { Facts, SeenServer, ServerFacts } from './facts.ts'

/** - `error` a run fails, or data is in danger; `warning` a person should know it. Both are findings. */
export const severities = ['error', 'warning'] as const

export type Severity = (typeof severities)[number]

/** What is wrong, in one language. Texts are sentences. */
export interface Said {
  readonly what: string
  readonly why: string | null
  /** What to do. */
  readonly fix: string
}

/** What a check reports against one place, in English and in Chinese. Quotes of other commands and of servers stay as they are. */
export interface Complaint extends Said {
  readonly where: Location
  readonly zh: Said
}

/** One check. It is pure: it judges facts that were read before. */
export interface Check {
  /** Stable, in lower case with dashes: `doctor.ignore` names it. */
  readonly code: string
  readonly severity: Severity
  /** The question that the check answers, for people. */
  readonly asks: InBoth
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

export function sayInBoth(what: InBoth, why: InBoth, fix: InBoth): Omit<Complaint, 'where'> {
  return { what: what.en, why: why.en, fix: fix.en, zh: { what: what.zh, why: why.zh, fix: fix.zh } }
}

/**
 * A fault of another command as a finding. In Chinese the check says what is wrong, and quotes the command.
 * @param what what is wrong, in Chinese.
 */
export function toComplaint(fault: Fault, what: string, fix: InBoth, where: Location = {}): Complaint {
  const said = { what: sentence(fault.what), why: fault.why === undefined ? null : sentence(fault.why) }
  return {
    ...said,
    where: { ...where, ...fault.where },
    fix: fault.next ?? fix.en,
    zh: {
      what,
      why: quoted(said.why === null ? said.what : `${said.what} ${said.why}`),
      fix: fault.next === undefined ? fix.zh : `${fix.zh}${quoted(fault.next)}`,
    },
  }
}

/** What another command, a server or a person says, in a Chinese text. */
export function quoted(text: string): string {
  return `原文：${text}`
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}
