import type { packError } from '../../migrations/user-code.ts'
import type { CodeDirection, CodeMigration, CodeShapes, StepEnd } from './ports.ts'

/** How the process of user code logs in; the password is sent to it, and is in no argument or variable. */
export interface CodeConnection {
  /** `host:port` of the primary. */
  readonly address: string
  readonly user: string | null
  readonly password: string | null
  readonly authenticationDatabase: string
  readonly secure: boolean
  readonly tls: {
    readonly ca: string | null
    readonly cert: string | null
    readonly key: string | null
    readonly verify: boolean
  } | null
}

/** Who does it, where, and under which lock. */
export interface CodePlace {
  readonly database: string
  /** The database of the lock. */
  readonly lockDatabase: string
  readonly owner: string
  /** For people: `deploy@host, process 4711`. */
  readonly by: string
}

export interface CodeWork {
  /** The ID of its document in the journal. */
  readonly id: string
  readonly migration: CodeMigration
  readonly direction: CodeDirection
  readonly connection: CodeConnection
  readonly place: CodePlace
}

/** What the process of user code hears and says during a step. */
export interface CodeEars {
  readonly progress: (documents: number) => void
  readonly isStopped: () => boolean
  /** A program asked the run to end: code that does nothing is not waited for. */
  readonly isEnding: () => boolean
  /** Whether the code is being called: what fails in the process meanwhile is its own, and ends it. */
  readonly calling: (now: boolean) => void
  /** Throws what failed behind the code, where none of its callers could catch it. */
  readonly refuseFloating: () => void
  /** Nothing but the commit is left of what the code did in one transaction. */
  readonly committing: () => void
  /** Another run holds the lock: the process ends, whatever the code does. */
  readonly lost: (error: Error) => void
}

/** An error that no caller has caught. */
export interface Floating {
  readonly type: 'floating'
  readonly from: 'promise' | 'callback'
  readonly error: ReturnType<typeof packError>
}

/** To the process of user code. */
export type ToCode =
  | { readonly type: 'describe'; readonly migrations: readonly CodeMigration[] }
  | { readonly type: 'carry-out'; readonly work: CodeWork }
  /** Ends a walk behind its batch. */
  | { readonly type: 'stop' }
  /** Ends code that does nothing. */
  | { readonly type: 'end' }

/** From it. The last four are those of a process that ends otherwise. */
export type FromCode =
  | { readonly type: 'shapes'; readonly shapes: readonly CodeShapes[] }
  | { readonly type: 'progress'; readonly documents: number }
  /** From here on the process may have committed what the code did. */
  | { readonly type: 'committing' }
  /** `late` failed when everything was committed, where none of its callers could catch it. */
  | { readonly type: 'ended'; readonly end: StepEnd; readonly late: Floating | null }
  | { readonly type: 'failed'; readonly error: ReturnType<typeof packError> }
  | Floating
  | { readonly type: 'exiting'; readonly code: number; readonly stack: string | undefined }
  | { readonly type: 'stuck' }
