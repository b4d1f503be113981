import type { FirstChoices } from '../ports.ts'
import { createJournalTable } from './journal-tables.ts'
import { type JournalWriter, renderNames, renderSettings } from './journal-writing.ts'

/** The packet that creates a journal, with the choices of its first run. */
export function renderNewJournal(writer: JournalWriter, chosen: FirstChoices | undefined): string {
  const packet = [createJournalTable(writer.table)]
  // The settings have the fence: nothing after them is written once the lock is lost.
  if (chosen !== undefined) packet.push(renderSettings(writer, chosen.settings))
  if (chosen !== undefined && chosen.names !== null) packet.push(renderNames(writer, chosen.names))
  return [...packet, 'COMMIT'].join(';')
}
