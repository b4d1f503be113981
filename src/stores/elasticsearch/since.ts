import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import type { Declaration } from './declaration.ts'

/** What servers of version 8 did not know from the beginning, and since when they do. All other requests are answered by 8.0, `_slm` and `_security` included. */
const since = {
  /** `_synonyms`. */
  'synonyms sets': '8.10.0',
  /** `_data_stream/<name>/_lifecycle`, and `lifecycle` of a template. */
  'data stream lifecycles': '8.11.0',
} as const

type LaterPart = keyof typeof since

/** Whether a server of this version answers requests about it. */
export function knows(version: string, part: LaterPart): boolean {
  return isAtLeast(version, since[part])
}

/** @throws ToolError STORE_REFUSED where something is declared that this server does not know, before it is asked. */
export function refuseLaterParts({ plain, templates }: Declaration, version: string, server: string): void {
  const [set] = plain.synonyms
  const template = templates.find(({ lifecycle }) => lifecycle !== null)
  if (set !== undefined && !knows(version, 'synonyms sets')) {
    throw unknown(`Synonyms set \`${set.name}\` is declared`, 'synonyms sets', version, {
      server,
      next: 'Upgrade the server, or write the rules into the `synonyms` of the token filter.',
    })
  }
  if (template !== undefined && !knows(version, 'data stream lifecycles')) {
    throw unknown(`Index template \`${template.name}\` declares a \`lifecycle\``, 'data stream lifecycles', version, {
      server,
      next: 'Upgrade the server, or declare a lifecycle policy and name it in the settings of the template.',
    })
  }
}

function unknown(
  what: string,
  part: LaterPart,
  version: string,
  { server, next }: { readonly server: string; readonly next: string },
): ToolError {
  return new ToolError('STORE_REFUSED', {
    what: `${what}, and Elasticsearch ${version} has no ${part}.`,
    where: { server },
    why: `They came with ${since[part].replace(/\.0$/, '')}.`,
    next,
  })
}
