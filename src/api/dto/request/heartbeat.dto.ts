import { ApiProperty } from '@nestjs/swagger';
import { IsNumber, IsString, MaxLength } from 'class-validator';

export class HeartbeatDto {
  @ApiProperty({ example: '0193560a-7b1e-7c9e-b5d4-52ab6a4d3c11', minLength: 8, maxLength: 128 })
  @IsString()
  @MaxLength(256)
  installId!: string;

  @ApiProperty({ example: '2.4.0', maxLength: 64 })
  @IsString()
  @MaxLength(64)
  appVersion!: string;

  @ApiProperty({
    description: 'Unix seconds by the device’s clock; presence goes by the server’s.',
    example: 1732685100,
  })
  @IsNumber()
  clientTs!: number;
}
