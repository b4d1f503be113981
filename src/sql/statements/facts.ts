import type { StatementFacts } from '../statement.ts'
import type { TokenCursor } from './token-cursor.ts'

/** What a group of verbs can tell of its statements; the rest is filled in for all alike. */
export type Findings = Pick<StatementFacts, 'class' | 'verb'> & Partial<Omit<StatementFacts, 'userVariables'>>

/** Reads a statement whose first word has been consumed; null when no such statement exists. */
export type StatementReader = (cursor: TokenCursor) => Findings | null

export function completeFacts(findings: Findings, userVariables: readonly string[]): StatementFacts {
  return {
    class: findings.class,
    verb: findings.verb,
    objects: findings.objects ?? [],
    references: findings.references ?? [],
    userVariables,
    sessionVariables: findings.sessionVariables ?? [],
    prepared: findings.prepared ?? null,
    refusal: findings.refusal ?? null,
    idempotent: findings.idempotent ?? false,
  }
}

export function refuse(verb: string, why: string, next: string): Findings {
  return { class: 'refused', verb, refusal: { why, next } }
}
