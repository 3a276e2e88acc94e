import { Module } from '@nestjs/common';
import { DauCalculationService } from './services/dau-calculation.service.js';
import { OnlineDetectionService } from './services/online-detection.service.js';

@Module({
  providers: [DauCalculationService, OnlineDetectionService],
  exports: [DauCalculationService, OnlineDetectionService],
})
export class DomainModule {}
