import type { Fault } from '../../core/tool-error.ts'

/** A target among many, as `--target` names it. */
export interface Pointed {
  /** `tenant_db/acme` */
  readonly label: string
  /** `tenant_db`: as a flag it would be all of them. */
  readonly name: string
}

/** Names the one target in commands that a text advises. Pure. */
export function pointText({ label, name }: Pointed, text: string): string {
  if (!text.includes(name)) return text
  return text.replaceAll(new RegExp(`(--target[ =]|-t )${name}(?![\\w/])`, 'g'), (_, flag) => `${flag}${label}`)
}

export function pointFault(pointed: Pointed, fault: Fault): Fault {
  const { why, next } = fault
  return {
    ...fault,
    ...(why === undefined ? {} : { why: pointText(pointed, why) }),
    ...(next === undefined ? {} : { next: pointText(pointed, next) }),
  }
}
