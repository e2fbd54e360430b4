"""Operations that moto lacks, by service."""
