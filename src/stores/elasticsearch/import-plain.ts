import { type ImportedItem, toItem } from '../import-items.ts'
import { childOf } from './compare-trees.ts'
import type { Named, ServerContents } from './import-ports.ts'
import { namedByOthers } from './mark.ts'

/** Synonyms sets, pipelines, and the settings of the cluster that somebody has made persistent. */
export function importPlain({ synonyms, pipelines, clusterSettings }: ServerContents): readonly ImportedItem[] {
  return [
    ...[...(synonyms ?? [])].map(([name, rules]) =>
      toItem(
        { kind: 'synonyms set', name },
        'synonyms',
        ['synonyms_sets', name],
        rules.map((rule) => rule.synonyms),
      ),
    ),
    ...pipelines.map(importPipeline),
    ...Object.entries(clusterSettings).map(([key, value]) =>
      toItem({ kind: 'cluster setting', name: key }, 'cluster', ['cluster_settings', key], value),
    ),
  ]
}

/** What a file does not declare of it (`version`) is kept when it is written. */
function importPipeline({ name, body }: Named): ImportedItem {
  const { description, processors, on_failure } = body
  const item = toItem({ kind: 'ingest pipeline', name }, 'pipelines', ['ingest_pipelines', name], {
    ...(description === undefined ? {} : { description }),
    processors,
    ...(on_failure === undefined ? {} : { on_failure }),
  })
  return { ...item, undeclarable: namedByOthers(childOf(body, '_meta')) }
}
