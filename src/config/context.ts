import type { Config } from './config.ts'
import type { ConfigReport } from './load.ts'

declare module '../core/context.ts' {
  interface Context {
    /**
     * The same value every time; with a name that of another environment of the file, where flags and variables that choose a server do not count.
     * Throws ToolError with exit code 78 when the configuration is wrong.
     */
    readonly config: (environment?: string) => Promise<Config>
    /** Every value in force with its source, for `config show`; a missing URL or variable is shown as such and is not an error. */
    readonly configReport: () => Promise<ConfigReport>
  }
}
