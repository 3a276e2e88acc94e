import { ApiProperty } from '@nestjs/swagger';
import { IsNumber, IsString, Max, MaxLength, Min } from 'class-validator';

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
  @Min(0)
  // The year 5138 in seconds: a larger number is milliseconds.
  @Max(1e11, { message: 'clientTs must be a number of Unix seconds (not milliseconds)' })
  clientTs!: number;
}
