import { Inject, Injectable } from '@nestjs/common';
import type { ActivePlace, PlaceLevel } from '../../domain/value-objects/active-span.vo.js';
import { placeNames, type PlaceNaming } from '../../domain/value-objects/place-names.vo.js';
import { ApplicationException } from '../../shared/exceptions/application.exception.js';
import { fieldMessage } from '../../shared/utils/field-message.util.js';
import { isStorable } from '../../shared/utils/text.util.js';
import { PLACE_NAMING } from './event-parser.service.js';

export interface PlaceParameters {
  readonly province?: string | undefined;
  readonly city?: string | undefined;
}

/** Reads the place that a request asks for, by the names under which places are stored. */
@Injectable()
export class PlaceFilters {
  constructor(@Inject(PLACE_NAMING) private readonly naming: PlaceNaming) {}

  /** @returns null without a filter @throws ApplicationException `request_invalid` */
  parse({ province, city }: PlaceParameters): ActivePlace | null {
    if (province !== undefined && city !== undefined) {
      throw invalid(
        'city',
        fieldMessage('city', 'be absent beside province', city, 'leave one of the two out'),
      );
    }
    if (province !== undefined) return this.toPlace('province', province);
    return city === undefined ? null : this.toPlace('city', city);
  }

  private toPlace(level: PlaceLevel, text: string): ActivePlace {
    const names = placeNames(this.naming);
    const name = level === 'province' ? names.province(text) : names.city(text, '');
    if (name !== '' && isStorable(name)) return { level, name };
    const nextStep = 'write a name as the breakdowns show it, or leave it out';
    throw invalid(level, fieldMessage(level, 'be the name of a place', text, nextStep));
  }
}

function invalid(field: string, detail: string): ApplicationException {
  return new ApplicationException('request_invalid', { detail, errors: [{ field, message: detail }] });
}
