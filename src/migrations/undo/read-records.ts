import { existsRegistry, selectRecords, toRecord, type UndoRecord } from '../../operate/undo/undo-record.ts'
import type { Session } from '../ports.ts'

/** The batches of a target that can be undone, oldest first; none where there was never one. */
export async function readUndoRecords(session: Pick<Session, 'readRows'>): Promise<readonly UndoRecord[]> {
  const [[exists = '0'] = []] = await session.readRows(existsRegistry)
  return exists === '0' ? [] : (await session.readRows(selectRecords)).map(toRecord)
}
