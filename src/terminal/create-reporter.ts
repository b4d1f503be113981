import type { Reporter, ReporterOptions } from './reporter.ts'

/**
 * Creates the reporter for a format and loads only what the format needs. An event that arrives after the answer is dropped: the answer is
 * the last line.
 */
export async function createReporter(options: ReporterOptions): Promise<Reporter> {
  const reporter = await loadReporter(options)
  let answered = false
  return {
    event: (event) => {
      if (!answered) reporter.event(event)
    },
    result: (result, exitCode, view) => {
      answered = true
      return reporter.result(result, exitCode, view)
    },
    error: (error) => {
      answered = true
      reporter.error(error)
    },
    pause: () => reporter.pause(),
    resume: () => reporter.resume(),
    close: () => reporter.close(),
  }
}

async function loadReporter(options: ReporterOptions): Promise<Reporter> {
  switch (options.format) {
    case 'json': {
      const { JsonReporter } = await import('./json/json-reporter.ts')
      return new JsonReporter(options, await options.planDocuments())
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
