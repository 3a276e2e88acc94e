import { ActivesModel } from '../../model/actives-model.js';
import type { Sighting } from './actives.js';

/** Holds the expected figures of a run whose deliveries and days may be uncertain. */
export interface ExpectedSpans {
  /** Has the identities whose sightings are all certain. */
  readonly model: ActivesModel;
  /** The other identities: each adds nothing or one to any figure. */
  readonly uncertain: number;
}

/** Keeps the sightings of a run for the model of figures over spans of days. */
export class SpanBook {
  /** Keyed by all fields: the model searches all of its sessions for each figure. */
  private readonly sightings = new Map<string, Sighting>();
  private readonly uncertain = new Set<string>();

  add(sighting: Sighting, isCertain: boolean): void {
    if (!isCertain) this.uncertain.add(sighting.identity);
    const { day, identity, province, city } = sighting;
    this.sightings.set(JSON.stringify([day, identity, province, city]), sighting);
  }

  expected(): ExpectedSpans {
    const model = new ActivesModel();
    for (const { day, identity, province, city } of this.sightings.values()) {
      if (this.uncertain.has(identity)) continue;
      model.add({
        ...{ day, identity },
        ...(province !== undefined && { province }),
        ...(city !== undefined && { city }),
      });
    }
    return { model, uncertain: this.uncertain.size };
  }
}
