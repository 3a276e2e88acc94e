import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { InstallId } from '../../../domain/value-objects/install-id.vo.js';
import { UserId } from '../../../domain/value-objects/user-id.vo.js';
import { IDENTITY_ERASURE, type IIdentityErasure } from '../../ports/identity-erasure.port.js';
import { EraseIdentityCommand, type EraseIdentityResult } from './erase-identity.command.js';

@CommandHandler(EraseIdentityCommand)
export class EraseIdentityHandler implements ICommandHandler<EraseIdentityCommand> {
  constructor(
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    @Inject(IDENTITY_ERASURE) private readonly erasure: IIdentityErasure,
  ) {}

  /** @throws DomainException for an id that no event can have @throws ApplicationException `owner_required` */
  async execute({ kind, id, options }: EraseIdentityCommand): Promise<EraseIdentityResult> {
    const subject = toSubject(kind, id);
    await this.erasure.assertAllowed();
    // The presence goes first: while its store is unavailable, nothing is erased and the command can be repeated.
    const wasPresent = kind === 'user' && (await this.presence.removeUser(BigInt(subject.id)));
    const erased = await this.erasure.erase(subject, options);
    // Installs would name the person in another way.
    const { installs: _installs, ...counts } = erased;
    const report = await this.erasure.storeReport(subject, { ...counts, wasPresent });
    return { ...erased, wasPresent, report };
  }
}

function toSubject(kind: 'user' | 'install', text: string) {
  if (kind === 'user') {
    const id = UserId.fromString(text).toString();
    return { kind, id, identity: `u:${id}` } as const;
  }
  const id = InstallId.fromString(text).toString();
  return { kind, id, identity: `i:${id}` } as const;
}
