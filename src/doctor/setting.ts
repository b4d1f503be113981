import type { InBoth } from '../core/in-both.ts'
import { type AnsweringServer, type Check, perServer, sayInBoth } from './check.ts'

/** A global variable that should have another value. */
interface Setting {
  readonly code: string
  readonly severity?: Check['severity']
  readonly variable: string
  readonly asks: InBoth
  /** True where the value hurts. A server without the variable is never asked. */
  readonly hurts: (value: string, server: AnsweringServer) => boolean
  /** How the value is written for people. Default: unchanged. */
  readonly show?: (value: string) => string
  /** Sentences. */
  readonly why: InBoth
  readonly fix: InBoth
}

export function setting({
  code,
  severity = 'warning',
  variable,
  asks,
  hurts,
  show = String,
  why,
  fix,
}: Setting): Check {
  return {
    code,
    severity,
    asks,
    find: (facts) =>
      perServer(facts, (server) => {
        const value = server.seen.variables.get(variable)
        if (value === undefined || !hurts(value, server)) return null
        const what = {
          en: `\`${variable}\` is ${value === '' ? 'empty' : show(value)}.`,
          zh: `\`${variable}\` ${value === '' ? '为空' : `的值是 ${show(value)}`}。`,
        }
        return sayInBoth(what, why, fix)
      }),
  }
}

export const isOff = (value: string): boolean => /^(?:OFF|0)$/i.test(value)
export const isOn = (value: string): boolean => /^(?:ON|1)$/i.test(value)

export const mebi = 1024 ** 2
