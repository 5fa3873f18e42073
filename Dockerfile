# One image for web, worker and beat; compose.yaml says which is which.
FROM python:3.12-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LAUREL_VAR_DIR=/var/lib/laurel
RUN useradd --system --uid 10001 laurel && install -d -o laurel -g laurel /var/lib/laurel
WORKDIR /srv/laurel
COPY requirements.txt .
RUN pip install --no-cache-dir --no-compile -r requirements.txt
COPY . .
USER laurel
EXPOSE 8000
CMD ["sh", "-c", "python manage.py collectstatic --noinput -v0 && exec gunicorn rewards_site.wsgi --bind 0.0.0.0:8000 --workers ${WEB_CONCURRENCY:-2} --threads 8"]
