import type { Reporter, ReporterOptions } from './reporter.ts'

/** Makes the reporter for a format. Only what the format needs is loaded. */
export async function createReporter(options: ReporterOptions): Promise<Reporter> {
  switch (options.format) {
    case 'json': {
      const { JsonReporter } = await import('./json/json-reporter.ts')
      return new JsonReporter(options)
    }
    case 'github': {
      const { createGithubReporter } = await import('./github/github-reporter.ts')
      return createGithubReporter(options)
    }
    case 'human': {
      const { createHumanReporter } = await import('./human/human-reporter.ts')
      return createHumanReporter(options)
    }
  }
}
