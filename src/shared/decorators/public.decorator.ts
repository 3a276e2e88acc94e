import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const IS_PUBLIC = 'isPublic';

/** The global JWT guard lets the route pass; the route may have a guard of its own. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
