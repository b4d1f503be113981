import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import type { Declaration } from '../../../src/stores/elasticsearch/declaration.ts'
import { readDeclaration } from '../../../src/stores/elasticsearch/schema.ts'

/** What one file with this text declares, without a prefix. Throws where it has faults. */
export function declarationOf(text: string): Declaration {
  const document = readDeclarationDocument(text, 'all.yaml')
  if (!('value' in document)) throw new Error(JSON.stringify(document))
  const reading = readDeclaration([document], { prefix: '' })
  if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
  return reading.declaration
}
