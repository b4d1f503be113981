import type { LocalServer, ServerPlace, ServerStart } from '../sandbox/local-server.ts'
import type { ProgramSearch, ServerProgram } from '../sandbox/programs.ts'

/** The password that a store was started with, and the file that holds it. */
interface StoreAccess {
  /** Only characters that need no quotes. */
  readonly secret: string
  readonly passwordFile: string
}

/** A store's official image, for machines without a program. */
interface StoreContainer {
  /** With its tag. */
  readonly image: string
  /** Where the server listens in the container. */
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
  /** Instead of the image's own command. */
  readonly command?: readonly string[]
  /** True when the server answers on this port of 127.0.0.1. */
  readonly isReady: (port: number) => Promise<boolean>
}

/** How the sandbox starts one store. */
export interface StoreSandbox {
  /** How many servers it has. */
  readonly count: number
  /** How far above the sandbox's port their ports begin. */
  readonly distance: number
  /** Obtains the program. @throws ToolError SANDBOX_UNAVAILABLE where there is none. */
  readonly find: (search: ProgramSearch) => Promise<ServerProgram>
  readonly start: (start: ServerStart, secret: string) => Promise<LocalServer>
  /** Stops one and waits for its end; false when it is still there. */
  readonly end: (node: LocalServer) => Promise<boolean>
  /** Used where there is no program and a Docker engine answers; only for stores of one server. */
  readonly container?: StoreContainer
  /** The variables that make wwdb use it. */
  readonly variables: (ports: readonly number[], access: StoreAccess) => Readonly<Record<string, string>>
}

/** One server of a store: a process, a container, or neither while it is stopped. */
export interface StoreNode extends ServerPlace {
  readonly pid: number | null
  /** Docker's id of the container. */
  readonly container: string | null
}
