import type { TargetOutcome } from '../command/result.ts'
import type { Fault } from '../core/tool-error.ts'
import type { Page } from './human/page.ts'
import type { Line } from './text/span.ts'

/** An annotation on a line of a pull request. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly title?: string | undefined
  /** Relative to the repository's root. */
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/** How people see an answer of this kind. It is loaded when a person reads the answer, never for --json. */
export interface View<Answer> {
  /** Lines are printed as they come: the answer to 20,000 files is not held in lines. */
  readonly render: (answer: Answer, page: Page) => Iterable<Line>
  /** Faults that are shown on stderr before the answer; a fault that several databases share is shown once. */
  readonly faults?: (answer: Answer) => readonly Fault[]
  /** True where --quiet leaves nothing to show. */
  readonly succeeded?: (answer: Answer) => boolean
  /** True where the full plan of the run is shown before the answer. */
  readonly showsPlan?: (answer: Answer) => boolean
  readonly annotations?: (answer: Answer) => readonly Annotation[]
}

/** A fault as an annotation; its title is the code. */
export function annotateFault(fault: Fault, title: string): Annotation {
  const message = [fault.what, fault.why, fault.next].filter((part) => part !== undefined).join('\n')
  const { file, line, column } = fault.where ?? {}
  return { level: 'error', title, message, file, line, column }
}

interface Ended {
  readonly state: string
  readonly fault: Fault | null
  readonly code: string | null
}

/** The parts of a run that failed by themselves: the rest was blocked or not started because of them. */
function failuresOf<Outcome extends Ended>(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(({ state }) => state === 'failed' || state === 'not-reached')
}

/** The faults of the databases that failed or were not reached. */
export function faultsOf(outcomes: readonly Ended[]): readonly Fault[] {
  return failuresOf(outcomes).flatMap(({ fault }) => (fault === null ? [] : [fault]))
}

/** The faults as annotations. */
export function annotateFailures(outcomes: readonly Ended[]): readonly Annotation[] {
  return failuresOf(outcomes).flatMap(({ fault, code }) =>
    fault === null ? [] : [annotateFault(fault, code ?? 'Fault')],
  )
}

type Failed = Pick<TargetOutcome, 'target' | 'code'> & { readonly state: string }

/**
 * What to do about databases that failed: those whose server no longer accepts writes need another server, and there is nothing to repair. Pure.
 *
 * @param next what follows, such as "run `wwdb seed` again."
 */
export function adviseOnFailures(outcomes: readonly Failed[], next: string): readonly string[] {
  return adviseOn(
    outcomes.filter(({ state }) => state === 'failed').map(({ code, target }) => ({ code, server: target.server })),
    next,
  )
}

/** The advice for failures of any kind. */
export function adviseOn(
  failed: readonly { readonly code: string | null; readonly server: string }[],
  next: string,
): readonly string[] {
  const isReadOnly = ({ code }: { readonly code: string | null }): boolean => code === 'READ_ONLY'
  const servers = [...new Set(failed.filter(isReadOnly).map(({ server }) => server))]
  const are = servers.length === 1 ? 'is' : 'are'
  const handedOver = `${servers.join(', ')} ${are} read-only now: give the URL of the server that takes writes, then ${next}`
  return [
    ...(servers.length === 0 ? [] : [handedOver]),
    ...(failed.every(isReadOnly) ? [] : [`Fix what failed, then ${next}`]),
  ]
}
