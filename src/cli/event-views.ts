import { planView } from '../migrations/views/plan-outline.ts'
import { describeKilled, describeSpared } from '../operate/views/blocker.ts'
import { describeOnlineChange } from '../operate/views/online.ts'
import { describePause, describePauseEnd } from '../operate/views/pause.ts'
import { describeRetirement } from '../operate/views/retire.ts'
import { describeMoveProgress } from '../shards/views/move-progress.ts'
import { describeSplitProgress } from '../shards/views/split-progress.ts'
import type { EventViews } from '../terminal/event-views.ts'

/** The views of events, of all capabilities that have their own. */
export const eventViews: EventViews = {
  plan: planView,
  lines: {
    'throttle-paused': describePause,
    'throttle-ended': describePauseEnd,
    'blocker-killed': describeKilled,
    'blocker-spared': describeSpared,
    'online-changed': describeOnlineChange,
    'object-retired': describeRetirement,
    'move-progress': describeMoveProgress,
    'split-progress': describeSplitProgress,
  },
}
