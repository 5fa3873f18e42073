"""What a viewer may read of boards; everything leaves here masked."""
