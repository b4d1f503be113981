import { driverOf } from '../../mysql/door.ts'
import { retireStoreOf } from '../../operate/mysql/retire-store.ts'
import type { Session } from '../ports.ts'
import { retireStores } from '../retirements.ts'
import { insideOf } from './inside-session.ts'

/** What retirement asks, on the connection that holds the lock. */
export const driver = driverOf(retireStores, () => (session: Session) => retireStoreOf(insideOf(session).connection))
