import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const IS_PUBLIC = 'isPublic';

/** Exempts a route from the global JWT guard; it may have a guard of its own. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
