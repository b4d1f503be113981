/** One server of a store. */
export interface StoreNode {
  readonly port: number
  /** Null until it is known. */
  readonly pid: number | null
  /** Absolute; its command line names it. */
  readonly directory: string
}

/** A node that runs. */
export type RunningNode = StoreNode & { readonly pid: number }

/** What a store's servers are started with. */
interface StoreLaunch {
  /** One for each server, with the folder it lives in. */
  readonly places: readonly Pick<StoreNode, 'port' | 'directory'>[]
  /** The password of the sandbox's stores; only characters that need no quotes. */
  readonly secret: string
  readonly say: (message: string) => void
  readonly interrupted: () => boolean
  /** Hears of each server as soon as it runs. */
  readonly started: (node: RunningNode) => Promise<void>
}

/** The password that a store was started with, and the file that holds it. */
interface StoreAccess {
  readonly secret: string
  readonly passwordFile: string
}

/** How the sandbox brings one store up. */
export interface StoreSandbox {
  /** How many servers it has. */
  readonly count: number
  /** How far above the sandbox's port their ports begin. */
  readonly distance: number
  /** Obtains the program and starts the servers that do not run; gives the version. */
  readonly launch: (launch: StoreLaunch) => Promise<string>
  /** Ends one and waits for its end; false when it is still there. */
  readonly end: (node: RunningNode) => Promise<boolean>
  /** The variables that make wwdb use it. */
  readonly variables: (ports: readonly number[], access: StoreAccess) => Readonly<Record<string, string>>
}
