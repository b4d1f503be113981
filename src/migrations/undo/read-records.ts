import { existsRegistry, selectRecords, toRecord, type UndoRecord } from '../../operate/undo/undo-record.ts'
import type { Session } from '../ports.ts'

/**
 * The batches of a target that can be undone, oldest first; none where there was never one.
 * @param ask how the session is asked: within a run, or where no statement of a migration runs
 */
export async function readUndoRecords(ask: Session['ask']): Promise<readonly UndoRecord[]> {
  const [[exists = '0'] = []] = await ask(existsRegistry)
  return exists === '0' ? [] : (await ask(selectRecords)).map(toRecord)
}
